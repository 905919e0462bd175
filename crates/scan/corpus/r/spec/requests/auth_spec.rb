require 'rails_helper'

RSpec.describe 'Auth', type: :request do
  let(:token) { JWT.encode({ user_id: 1 }, 'spec-secret', 'HS256') }

  it 'refuses' do
    get '/me', headers: { 'Authorization' => "Bearer #{token}" }
    expect(response).to have_http_status(:unauthorized)
  end
end
