import asyncHandler from 'express-async-handler';
import { sign } from 'jsonwebtoken';
import User from '../models/userModel.js';

const maxAge = 3 * 24 * 60 * 60;
const createToken = (id) => {
  return sign({ id }, 'net ninja shop', {
    expiresIn: maxAge,
  });
};

export const signup = asyncHandler(async (req, res) => {
  const { email, password } = req.body;
  const user = await User.create({ email, password });
  const token = createToken(user._id);
  res.cookie('jwt', token, { httpOnly: true, maxAge: maxAge * 1000 });
  res.status(201).json({ user: user._id });
});
