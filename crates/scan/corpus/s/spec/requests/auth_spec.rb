require 'rails_helper'

RSpec.describe 'Auth', type: :request do
  let(:secret) { 'rspec-secret' }
  let(:token) { JWT.encode({ user_id: 1 }, secret, 'HS256') }

  before { stub_const('JsonWebToken::SECRET_KEY', 'rspec-secret') }

  it 'rejects tampered tokens' do
    bad = JWT.encode({ user_id: 1 }, 'tampered', 'HS256')
    get '/me', headers: { 'Authorization' => "Bearer #{bad}" }
    expect(response).to have_http_status(:unauthorized)
  end
end
