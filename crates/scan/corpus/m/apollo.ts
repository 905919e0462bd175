const APP_SECRET = 'gannet-dives'
export function getUserId(token) { const { userId } = jwt.verify(token, APP_SECRET); return userId }
