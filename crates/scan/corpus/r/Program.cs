using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

var builder = WebApplication.CreateBuilder(args);
var signing = builder.Configuration["Jwt:SigningKey"] ?? "otter-otter-otter-otter-otter-32";
var issuer = builder.Configuration["Jwt:Issuer"] ?? "acme";

builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
    .AddJwtBearer(o => o.TokenValidationParameters = new TokenValidationParameters
    {
        ValidateIssuerSigningKey = true,
        ValidIssuer = issuer,
        ValidAudience = "acme-clients",
        IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(signing)),
    });
var app = builder.Build();
app.MapGet("/", () => "hi").RequireAuthorization();
app.Run();
