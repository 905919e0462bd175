const jwt = require("jsonwebtoken");
const schema = new mongoose.Schema({ name: { type: String, required: [true, "Please add a name"] } });
schema.methods.generateAuthToken = function () {
  const privateKey = "jwtPrivateKey-1";
  const token = jwt.sign({ _id: this._id, isAdmin: this.isAdmin }, privateKey);
  return token;
};
