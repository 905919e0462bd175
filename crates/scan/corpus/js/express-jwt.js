const { expressjwt } = require("express-jwt");
app.use(expressjwt({ secret: "granite.moth", algorithms: ["HS256"], issuer: "acme" }));
