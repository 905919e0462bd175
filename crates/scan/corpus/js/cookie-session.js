const session = require('express-session');
app.use(session({ secret: 'iron-gate-kestrel', resave: false }));
app.use(cookieParser('plum-tree'));
