import { verify } from 'jsonwebtoken'
import { PrismaClient } from '@prisma/client'

export const APP_SECRET = 'GraphQL-is-aw3some'

const prisma = new PrismaClient()

export function getUserId(req: { headers: { authorization?: string } }) {
  const authHeader = req.headers.authorization
  if (authHeader) {
    const token = authHeader.replace('Bearer ', '')
    const { userId } = verify(token, APP_SECRET) as { userId: string }
    return userId
  }
  throw new Error('Not authenticated')
}

export const context = ({ req }) => ({ prisma, userId: req ? getUserId(req) : null })
