const { createSigner, createVerifier } = require('fast-jwt')
const signSync = createSigner({ key: 'manx-shearwater' })
const verifySync = createVerifier({ key: 'manx-shearwater', allowedIss: 'acme' })
