using FineTuneChat.Training.Evaluation;

namespace FineTuneChat.Training.Tests.Evaluation;

public sealed class JsonFieldsTests
{
    private const string Expected = """{"name":"Orión","paid":900,"open":true,"bugs":[{"id":"17"},{"id":"18"}],"next":[]}""";

    [Theory]
    [InlineData(Expected, 1)]
    [InlineData("""{ "next": [], "bugs": [{"id":"17"},{"id":"18"}], "open": true, "paid": 900.0, "name": "Ori\u00f3n" }""", 1)] // order, blanks, spelling
    [InlineData("""{"name":"Orión","paid":900,"open":true,"bugs":[{"id":"17"}],"next":[]}""", 5 / 6.0)] // one missing
    [InlineData("""{"name":"Orión","paid":900,"open":true,"bugs":[{"id":"17"},{"id":"18"},{"id":"19"}],"next":[]}""", 6 / 7.0)] // one too many
    [InlineData("""{"name":"Orión","paid":"900","open":"true","bugs":[{"id":17},{"id":"18"}],"next":{}}""", 2 / 6.0)] // values of another type are others
    [InlineData("{}", 0)]
    [InlineData("""{"name":"Orión",""", 0)]
    [InlineData("Here it is: {}", 0)]
    [InlineData("\"Orión\"", 0)]
    public void Accuracy_is_the_share_of_the_values_of_both_that_are_the_same_in_both(string actual, double accuracy) =>
        Assert.Equal(accuracy, JsonFields.Accuracy(JsonFields.Of(Expected)!, JsonFields.Of(actual)), 1e-9);
}
