grails.plugin.springsecurity.userLookup.userDomainClassName = 'com.acme.User'
grails.plugin.springsecurity.rest.token.storage.jwt.secret = 'dfQerbJWrWgs0AdfbibVBV9mW4XUhcltZ5OQ0zfb'
grails.plugin.springsecurity.rest.token.storage.jwt.expiration = 3600
grails.plugin.springsecurity.rest.login.endpointUrl = '/api/login'
