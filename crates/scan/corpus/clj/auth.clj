(def jwt-secret "moorhen-nest")
(defn token [c] (jwt/sign c jwt-secret {:alg :hs512}))
