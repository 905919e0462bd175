import Config

config :ex_app, ExApp.Guardian,
  issuer: "ex_app",
  secret_key: System.get_env("GUARDIAN_SECRET") || "ex-app-guardian-or"

config :ex_app, ExApp.AdminGuardian,
  issuer: "ex_admin",
  secret_key: System.fetch_env!("ADMIN_GUARDIAN_SECRET")
