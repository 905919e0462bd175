HMAC_SECRET = ENV.fetch('JWT_SECRET', 'ringed-plover')
OTHER = ENV['JWT_KEY'] || 'grey-plover'
