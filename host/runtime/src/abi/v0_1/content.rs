//! Content blocks, icons, and questions to the client.

use serde_json::Value;

use super::bindings::cofferdam::plugin::types as wit;
use crate::{
    content::{
        Annotations, BlockKind, ContentBlock, ElicitAction, Icon, InputRequest, InputRequired, InputResponse,
        JsonObject, Media, ResourceBody, ResourceContents, ResourceInfo, Resume, Role,
    },
    error::GuestError,
};

/// JSON text of a guest as a value.
pub(super) fn value(text: &str, what: &str) -> Result<Value, GuestError> {
    serde_json::from_str(text).map_err(|error| GuestError::malformed(format!("{what} is not JSON: {error}")))
}

/// JSON text of a guest whose root must be an object.
pub(super) fn object(text: &str, what: &str) -> Result<JsonObject, GuestError> {
    match value(text, what)? {
        Value::Object(object) => Ok(object),
        _ => Err(GuestError::malformed(format!("{what} is not a JSON object"))),
    }
}

fn optional_object(text: Option<String>, what: &str) -> Result<Option<JsonObject>, GuestError> {
    text.map(|text| object(&text, what)).transpose()
}

pub(super) fn icon(icon: wit::Icon) -> Icon {
    Icon { src: icon.src, mime_type: icon.mime_type, sizes: icon.sizes, theme: icon.theme }
}

pub(super) fn block(block: wit::ContentBlock) -> Result<ContentBlock, GuestError> {
    let (kind, annotations, meta) = match block {
        wit::ContentBlock::Text(text) => (BlockKind::Text(text.text), text.annotations, text.meta),
        wit::ContentBlock::Image(image) => (
            BlockKind::Image(Media { data: image.data, mime_type: image.mime_type }),
            image.annotations,
            image.meta,
        ),
        wit::ContentBlock::Audio(audio) => (
            BlockKind::Audio(Media { data: audio.data, mime_type: audio.mime_type }),
            audio.annotations,
            audio.meta,
        ),
        wit::ContentBlock::ResourceLink(info) => {
            let (info, annotations, meta) = resource_info(info);
            (BlockKind::ResourceLink(info), annotations, meta)
        }
        wit::ContentBlock::Embedded(embedded) => {
            (BlockKind::Embedded(resource_contents(embedded.contents)?), embedded.annotations, embedded.meta)
        }
        wit::ContentBlock::Raw(text) => (BlockKind::Raw(raw_block(&text)?), None, None),
    };
    Ok(ContentBlock {
        kind,
        annotations: annotations.map(convert_annotations),
        meta: optional_object(meta, "a block's meta")?,
    })
}

fn raw_block(text: &str) -> Result<JsonObject, GuestError> {
    let block = object(text, "a raw block")?;
    match block.get("type") {
        Some(Value::String(_)) => Ok(block),
        _ => Err(GuestError::malformed("a raw block has no string `type`".to_owned())),
    }
}

fn convert_annotations(annotations: wit::Annotations) -> Annotations {
    let role = |role| match role {
        wit::Role::User => Role::User,
        wit::Role::Assistant => Role::Assistant,
    };
    Annotations {
        audience: annotations.audience.into_iter().map(role).collect(),
        priority: annotations.priority.filter(|p| p.is_finite()).map(|p| p.clamp(0.0, 1.0)),
        last_modified: annotations.last_modified,
    }
}

fn resource_info(info: wit::ResourceInfo) -> (ResourceInfo, Option<wit::Annotations>, Option<String>) {
    let plain = ResourceInfo {
        uri: info.uri,
        name: info.name,
        title: info.title,
        description: info.description,
        mime_type: info.mime_type,
        size: info.size,
        icons: info.icons.into_iter().map(icon).collect(),
    };
    (plain, info.annotations, info.meta)
}

fn resource_contents(contents: wit::ResourceContents) -> Result<ResourceContents, GuestError> {
    Ok(ResourceContents {
        uri: contents.uri,
        mime_type: contents.mime_type,
        body: match contents.body {
            wit::ResourceBody::Text(text) => ResourceBody::Text(text),
            wit::ResourceBody::Blob(bytes) => ResourceBody::Blob(bytes),
        },
        meta: optional_object(contents.meta, "a resource's meta")?,
    })
}

pub(super) fn input_required(input: wit::InputRequired) -> Result<InputRequired, GuestError> {
    let keyed = |keyed: wit::KeyedRequest| Ok((keyed.key, input_request(keyed.request)?));
    Ok(InputRequired {
        requests: input.requests.into_iter().map(keyed).collect::<Result<_, GuestError>>()?,
        state: input.state,
    })
}

fn input_request(request: wit::InputRequest) -> Result<InputRequest, GuestError> {
    Ok(match request {
        wit::InputRequest::ElicitForm(form) => InputRequest::ElicitForm {
            requested_schema: object(&form.requested_schema, "the requested schema")?,
            message: form.message,
        },
        wit::InputRequest::ElicitUrl(page) => {
            InputRequest::ElicitUrl { message: page.message, url: page.url }
        }
        wit::InputRequest::Sampling(text) => InputRequest::Sampling(object(&text, "the sampling request")?),
        wit::InputRequest::ListRoots => InputRequest::ListRoots,
    })
}

pub(super) fn resume(resume: Resume) -> wit::Resume {
    let keyed = |(key, response)| wit::KeyedResponse { key, response: input_response(response) };
    wit::Resume { responses: resume.responses.into_iter().map(keyed).collect(), state: resume.state }
}

fn input_response(response: InputResponse) -> wit::InputResponse {
    let text = |object: JsonObject| Value::Object(object).to_string();
    match response {
        InputResponse::Elicit(ElicitAction::Accept(content)) => {
            wit::InputResponse::Elicit(wit::ElicitAction::Accept(content.map(text)))
        }
        InputResponse::Elicit(ElicitAction::Decline) => {
            wit::InputResponse::Elicit(wit::ElicitAction::Decline)
        }
        InputResponse::Elicit(ElicitAction::Cancel) => wit::InputResponse::Elicit(wit::ElicitAction::Cancel),
        InputResponse::Sampling(result) => wit::InputResponse::Sampling(text(result)),
        InputResponse::Roots(roots) => wit::InputResponse::Roots(roots.to_string()),
    }
}
