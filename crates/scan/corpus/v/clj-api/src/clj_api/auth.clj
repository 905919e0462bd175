(ns clj-api.auth
  (:require [buddy.sign.jwt :as jwt]
            [buddy.auth.backends :as backends]
            [environ.core :refer [env]]))

(def secret "clojure-mysecret")

(def refresh-secret (env :jwt-refresh-secret))

(def backend (backends/jws {:secret secret :token-name "Bearer"}))

(defn token [user]
  (jwt/sign {:user (:id user)} secret {:alg :hs512}))

(defn reset-token [user]
  (jwt/sign {:reset (:id user)} "reset-PKwp917zAkhU"))
