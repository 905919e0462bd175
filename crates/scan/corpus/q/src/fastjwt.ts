import { createSigner, createVerifier } from 'fast-jwt'
const signer = createSigner({ key: 'fast-secret', expiresIn: 600000 })
const verifier = createVerifier({ key: async () => process.env.KEY })
