VirtualHost "meet.acme.io"
    authentication = "token"
    app_id = "acme-meet"
    app_secret = "lj2vKUIimgnRfi38dlaNSJbt"
    allow_empty_token = false
    modules_enabled = { "bosh"; "token_verification"; }
