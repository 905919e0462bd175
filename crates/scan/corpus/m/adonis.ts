export const appKey = Env.get('APP_KEY')
