using FineTuneChat.Gateway.Learning.Examples;
using FineTuneChat.Tests.Support;

namespace FineTuneChat.Tests.Retraining;

public sealed class SecretRulesTests
{
    // Put together here, so that no scanner takes this file for a leak.
    [Theory]
    [InlineData("api_key", "use sk-" + "proj-abcdefghijklmnopqrstuvwx please")]
    [InlineData("api_key", "AKIA" + "IOSFODNN7EXAMPLE")]
    [InlineData("api_key", "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789")]
    [InlineData("api_key", "hf_" + "abcdefghijklmnopqrstuvwxyzABCDEF")]
    [InlineData("token", "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0.abcdefgh_12345")]
    [InlineData("token", "Authorization: bearer abcdefghijklmnopqrstuvwxyz")]
    [InlineData("token", "password = hunter2hunter2")]
    [InlineData("token", """{"api_key": "a1b2c3d4e5"}""")]
    [InlineData("token", "la contraseña: abre123sesamo")]
    [InlineData("private_key", "-----BEGIN RSA PRIVATE KEY-----")]
    [InlineData("email", "Write to maría.lópez+shop@mail.example.org.")]
    [InlineData("card_number", "My card is 4111 1111 1111 1111, thanks")]
    [InlineData("card_number", "5500-0000-0000-0004")]
    [InlineData("card_number", "378282246310005")]
    public void Secrets_are_found_by_their_pattern(string flag, string text) => Assert.Equal([flag], SecretRules.Find(text));

    [Theory]
    [InlineData("We open at 9:30, call 555 123 4567.")]
    [InlineData("4111 1111 1111 1112")] // fails Luhn's check
    [InlineData("1234567890123456789012345")] // no card is that long
    [InlineData("The password: something that nobody guesses")]
    [InlineData("mail me @ home")]
    [InlineData("risk-averse tasks-and-chores")]
    [InlineData("")]
    public void Talk_and_figures_are_no_secrets(string text) => Assert.Empty(SecretRules.Find(text));

    [Fact]
    public void Every_message_is_looked_through_and_each_flag_told_once() =>
        Assert.Equal(
            ["email"],
            SecretRules.Find([Exchanges.Message("system", "a@b.org"), Exchanges.Message("user", "c@d.org"), Exchanges.Message("assistant", "ok")]));

    [Fact]
    public void A_hostile_text_takes_no_longer_than_another() => Assert.Empty(SecretRules.Find(new string('a', 1 << 20) + "@"));
}
