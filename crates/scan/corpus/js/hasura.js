const conf = JSON.parse(process.env.HASURA_GRAPHQL_JWT_SECRET || '{"type":"HS256","key":"ochre-stoat-ochre-stoat-ochre-stoat"}');
