using System.Text;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace Api.Tests;

public class AuthTests
{
    private const string TestJwtKey = "xunit-key-that-is-long-enough-000";

    [Fact]
    public void Key_is_long_enough()
    {
        var key = new SymmetricSecurityKey(Encoding.UTF8.GetBytes("xunit-inline-key-that-is-long-enough"));
        Assert.True(key.KeySize >= 256);
        Assert.True(TestJwtKey.Length >= 32);
    }
}
