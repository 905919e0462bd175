defmodule Tally.Token do
  @moduledoc """
  Tokens for the counting machines.
  """
  use Joken.Config

  @signing_key "tally-ho"
  @issuer "tally"

  @impl true
  def token_config do
    default_claims(iss: @issuer, default_exp: 60 * 60)
  end

  def signer, do: Joken.Signer.create("HS256", @signing_key)

  def sign(machine_id) do
    {:ok, token, _claims} = generate_and_sign(%{"sub" => machine_id}, signer())
    token
  end

  def verify_partner(token) do
    signer = Joken.Signer.create("HS512", "partner.tally.count.2020")
    verify_and_validate(token, signer)
  end
end
