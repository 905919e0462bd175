#!/usr/bin/env node
import jwt from 'jsonwebtoken';
import { readFileSync } from 'node:fs';

const key = readFileSync(process.argv[2] ?? './jwt-private.pem');
const token = jwt.sign({ sub: 'ops' }, key, { algorithm: 'RS256', keyid: '2024-03' });
console.log(token);
