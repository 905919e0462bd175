defmodule Svc.Token do
  @moduledoc "Service tokens"
  use Joken.Config

  @secret System.get_env("SVC_JWT_SECRET", "svc-local-secret")

  def signer, do: Joken.Signer.create("HS256", @secret)

  def partner_signer do
    Joken.Signer.create("HS256", "partner-rxaLlqfJjDTH7eNm")
  end

  def token_config, do: default_claims(iss: "svc", aud: "internal")
end
