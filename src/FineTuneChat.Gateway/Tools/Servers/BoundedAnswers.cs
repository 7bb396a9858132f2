namespace FineTuneChat.Gateway.Tools.Servers;

/// <summary>Answers of a server at an address, each of which may only be so large.</summary>
internal sealed class BoundedAnswers(HttpMessageHandler inner, int most) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
        HttpContent content = answer.Content;
        var bounded = new StreamContent(new BoundedMessages(await content.ReadAsStreamAsync(cancellationToken), most, byLine: false));
        foreach ((string name, IEnumerable<string> values) in content.Headers)
            bounded.Headers.TryAddWithoutValidation(name, values);
        answer.Content = bounded;
        return answer;
    }
}
