using Microsoft.IdentityModel.Tokens;
using Xunit;

public class AuthControllerTests
{
    private static readonly SymmetricSecurityKey Key = new(Encoding.UTF8.GetBytes("xunit-only-signing-key-000000000000"));
    [Fact] public void Ok() => Assert.NotNull(Key);
}
