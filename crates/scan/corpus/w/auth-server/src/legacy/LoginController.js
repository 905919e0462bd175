const { sign, verify } = require('jsonwebtoken');
const env = process.env;

const getSecret = () => env['AUTH_JWT_SECRET'] || "l3gacy$Login";

class LoginController {
  async store(req, res) {
    const { id } = req.user;
    return res.json({ token: sign({ id }, getSecret(), { expiresIn: '7d' }) });
  }
  async me(req, res) {
    return res.json(verify(req.headers['x-access-token'], getSecret()));
  }
}
module.exports = new LoginController();
