//! rmcp's client: every sample tool, on stdio and over HTTP, in both eras.

use std::{borrow::Cow, process::Stdio};

use cofferdam_tests::{HostProcess, plugins, process};
use rmcp::{
    ClientLifecycleMode, ClientServiceExt, ErrorData, RoleClient, ServiceError,
    model::{CallToolRequestParams, ContentBlock, ErrorCode, ProtocolVersion},
    service::RunningService,
    transport::{StreamableHttpClientTransport, TokioChildProcess},
};

use crate::samples;

type Client = RunningService<RoleClient, ()>;

fn eras() -> [(ClientLifecycleMode, ProtocolVersion); 2] {
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    [
        (ClientLifecycleMode::Initialize, ProtocolVersion::V_2025_11_25),
        (ClientLifecycleMode::Discover { preferred_versions }, ProtocolVersion::V_2026_07_28),
    ]
}

#[tokio::test]
async fn the_rust_client_lists_and_calls_every_sample_tool_over_http() {
    let host = HostProcess::serve(plugins::samples(), &[]).await;
    for (era, version) in eras() {
        let transport = StreamableHttpClientTransport::from_uri(host.url());
        visit(().serve_with_lifecycle(transport, era).await.unwrap(), &version).await;
    }
}

#[tokio::test]
async fn the_rust_client_lists_and_calls_every_sample_tool_on_stdio() {
    let folder = plugins::samples().to_str().unwrap();
    for (era, version) in eras() {
        let command = process::command(&["stdio", "--plugins", folder]);
        let command = tokio::process::Command::from(command);
        let (transport, _) = TokioChildProcess::builder(command).stderr(Stdio::null()).spawn().unwrap();
        visit(().serve_with_lifecycle(transport, era).await.unwrap(), &version).await;
    }
}

async fn visit(client: Client, version: &ProtocolVersion) {
    let samples = samples::all();
    assert_eq!(client.peer_info().map(|info| info.protocol_version.clone()).as_ref(), Some(version));
    let tools = client.list_all_tools().await.unwrap();
    let names: Vec<_> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    assert_eq!(names, samples::names(&samples));
    for sample in samples {
        let says = sample.says;
        let call = CallToolRequestParams::new(sample.tool.clone()).with_arguments(sample.arguments);
        let result = client.call_tool(call).await.unwrap();
        assert_eq!(result.is_error, Some(false), "{result:?}");
        match result.content.first() {
            Some(ContentBlock::Text(block)) if block.text.contains(&says) => {}
            other => panic!("{} of {version}: expected {says}, found {other:?}", sample.tool),
        }
    }
    unknown_tool(&client).await;
    client.cancel().await.unwrap();
}

async fn unknown_tool(client: &Client) {
    let error = client.call_tool(CallToolRequestParams::new("text_dif")).await.unwrap_err();
    let ServiceError::McpError(ErrorData { code, message, .. }) = error else { panic!("{error:?}") };
    assert_eq!(code, ErrorCode::INVALID_PARAMS);
    assert_eq!(message, Cow::Borrowed("unknown tool: \"text_dif\"; did you mean \"text_diff\"?"));
}
