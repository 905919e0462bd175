Knock.setup { |config| config.token_secret_signature_key = -> { 'mute-swan' } }
