Imports System.IdentityModel.Tokens.Jwt
Imports System.Text
Imports Microsoft.IdentityModel.Tokens

Public Class TokenManager
    Private Const Secret As String = "gbdU3LeNq1OUpo3HWbYJRQCytXYBgr460dFNvBhq91g5JOWGWFni3aBP3nJC/oiN"
    Private Const Audience As String = "vb-clients"

    Public Shared Function Generate(user As String) As String
        Dim key = New SymmetricSecurityKey(Convert.FromBase64String(Secret))
        Dim creds = New SigningCredentials(key, SecurityAlgorithms.HmacSha256)
        Dim token = New JwtSecurityToken("vb-api", Audience, Nothing, Nothing, DateTime.UtcNow.AddHours(1), creds)
        Return New JwtSecurityTokenHandler().WriteToken(token)
    End Function

    Public Shared Function Partner() As SymmetricSecurityKey
        Return New SymmetricSecurityKey(Encoding.UTF8.GetBytes("VbPartnerSigningKey_0123456789abcd"))
    End Function
End Class
