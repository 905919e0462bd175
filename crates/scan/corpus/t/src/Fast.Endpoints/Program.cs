using FastEndpoints;
using FastEndpoints.Security;
using FastEndpoints.Swagger;

var bld = WebApplication.CreateBuilder();
bld.Services
   .AddAuthenticationJwtBearer(s => s.SigningKey = "The secret used to sign tokens for fast!")
   .AddAuthorization()
   .AddFastEndpoints()
   .SwaggerDocument(o =>
   {
       o.DocumentSettings = s => s.Title = "JWT secret rotation API";
   });

var app = bld.Build();
app.UseAuthentication()
   .UseAuthorization()
   .UseFastEndpoints()
   .UseSwaggerGen();
app.Run();
