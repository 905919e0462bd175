let(:secret) { 'rspec-secret' }
JWT.encode({ a: 1 }, 'rspec-secret')
