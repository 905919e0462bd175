defmodule App.Token do
  use Joken.Config
  def signer, do: Joken.Signer.create("HS256", "joken-secret")
  def other, do: Joken.Signer.create("HS256", System.fetch_env!("JWT_SECRET"))
end
