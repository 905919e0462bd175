defmodule Shop.Token do
  use Joken.Config

  @impl true
  def token_config, do: default_claims(iss: "shop", aud: "shop-web", default_exp: 3600)

  def signer do
    Joken.Signer.create("HS256", System.get_env("JOKEN_SECRET") || "mossy-stones-by-the-brook")
  end

  def strict, do: Joken.Signer.create("HS256", System.fetch_env!("JOKEN_SECRET"))
end
