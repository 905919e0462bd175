const JWT_SECRET =
  process.env.JWT_SECRET ||
  'ross-gull-on-ice';
