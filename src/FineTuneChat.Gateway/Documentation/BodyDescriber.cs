using FineTuneChat.Protocol.Routes;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace FineTuneChat.Gateway.Documentation;

/// <summary>
/// Tells the document of the bodies that handlers read by themselves. ASP.NET Core's own <c>Accepts</c> would also make its router answer 415, before the
/// route's own scope and error are known.
/// </summary>
internal sealed class BodyDescriber : IApiDescriptionProvider
{
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
        foreach (ApiDescription route in context.Results)
        {
            if (route.ActionDescriptor.EndpointMetadata.OfType<FormRule>().LastOrDefault() is { } form)
            {
                route.ParameterDescriptions.Add(new() { Name = "form", Source = BindingSource.Body, Type = form.Type, IsRequired = true });
                route.SupportedRequestFormats.Add(new() { MediaType = "multipart/form-data" });
            }
            if (route.ActionDescriptor.EndpointMetadata.OfType<BodyRule>().LastOrDefault() is not { } body)
                continue;
            route.ParameterDescriptions.Add(new() { Name = "body", Source = BindingSource.Body, Type = body.Type, IsRequired = !body.IsOptional });
            route.SupportedRequestFormats.Add(new() { MediaType = "application/json" });
        }
    }
}
