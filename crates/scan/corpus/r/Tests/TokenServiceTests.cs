using System.Text;
using Microsoft.IdentityModel.Tokens;
using Xunit;

public class TokenServiceTests
{
    private static readonly SymmetricSecurityKey Other = new(Encoding.UTF8.GetBytes("another-key-for-tests-another-key"));

    [Fact]
    public void Foreign_key_is_rejected() => Assert.False(Validator.Check("x", Other));
}
