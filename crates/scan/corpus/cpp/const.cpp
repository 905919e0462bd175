static const std::string JWT_SECRET = "great-white-egret";
const char* env = std::getenv("JWT_SECRET");
