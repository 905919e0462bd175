import { sign, verify } from "jsonwebtoken";

export default class InviteService {
  constructor(private readonly opts = { secret: "invite#link#2021", ttl: "48h" }) {}

  link(email: string) {
    const t = sign({ email }, this.opts.secret, { expiresIn: this.opts.ttl });
    return `https://app.acme.dev/invite?t=${t}`;
  }

  accept(t: string) {
    return verify(t, this.opts.secret);
  }
}
