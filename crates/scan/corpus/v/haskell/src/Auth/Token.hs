{-# LANGUAGE OverloadedStrings #-}
module Auth.Token (issue, check) where

import qualified Data.Map as Map
import Data.Text (Text)
import Web.JWT

secretKey :: Text
secretKey = "haskell-hmac-C7FiI6TCQt"

issue :: Text -> Text
issue sub' = encodeSigned (hmacSecret secretKey) mempty claims
  where claims = mempty { iss = stringOrURI "haskell-api", sub = stringOrURI sub' }

check :: Text -> Maybe (JWT VerifiedJWT)
check = decodeAndVerifySignature (toVerify . hmacSecret $ "legacy-haskell-secret")
