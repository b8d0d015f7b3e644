//! Pieces of content: text, images, sounds, links to resources, resources themselves.

use serde_json::Value;

use crate::JsonObject;

/// One piece of a result, with hints about how it may be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    pub(crate) body: Body,
    pub(crate) annotations: Option<Annotations>,
    pub(crate) meta: JsonObject,
}

/// What a piece of content is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    Text(String),
    Image(Media),
    Audio(Media),
    Link(ResourceLink),
    Embedded(Resource),
    Raw(JsonObject),
}

impl Content {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Body::Text(text.into()))
    }

    /// A block of a type that this crate does not know, passed on as it is: an object with a string `type`.
    #[must_use]
    pub fn raw(block: JsonObject) -> Self {
        Self::new(Body::Raw(block))
    }

    fn new(body: Body) -> Self {
        Self { body, annotations: None, meta: JsonObject::new() }
    }

    /// Say for whom it is.
    #[must_use]
    pub fn audience(mut self, audience: impl IntoIterator<Item = Role>) -> Self {
        self.annotations_mut().audience = audience.into_iter().collect();
        self
    }

    /// Say how important it is, from 0 (optional) to 1 (required).
    #[must_use]
    pub fn priority(mut self, priority: f64) -> Self {
        self.annotations_mut().priority = Some(priority);
        self
    }

    /// Say when it changed last, as an ISO 8601 time.
    #[must_use]
    pub fn last_modified(mut self, time: impl Into<String>) -> Self {
        self.annotations_mut().last_modified = Some(time.into());
        self
    }

    /// Set a key of its `_meta`.
    #[must_use]
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.meta.insert(key.into(), value.into());
        self
    }

    fn annotations_mut(&mut self) -> &mut Annotations {
        self.annotations.get_or_insert_default()
    }

    /// The text, if it is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.body {
            Body::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The image, if it is one.
    #[must_use]
    pub fn as_image(&self) -> Option<&Media> {
        match &self.body {
            Body::Image(media) => Some(media),
            _ => None,
        }
    }

    /// The sound, if it is one.
    #[must_use]
    pub fn as_audio(&self) -> Option<&Media> {
        match &self.body {
            Body::Audio(media) => Some(media),
            _ => None,
        }
    }

    /// The link, if it is one.
    #[must_use]
    pub fn as_link(&self) -> Option<&ResourceLink> {
        match &self.body {
            Body::Link(link) => Some(link),
            _ => None,
        }
    }

    /// The embedded resource, if it is one.
    #[must_use]
    pub fn as_resource(&self) -> Option<&Resource> {
        match &self.body {
            Body::Embedded(resource) => Some(resource),
            _ => None,
        }
    }

    /// Hints about how it may be used.
    #[must_use]
    pub fn annotations(&self) -> Option<&Annotations> {
        self.annotations.as_ref()
    }
}

/// A result, or a piece of one, that is text and nothing else: no schema, no structured value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub String);

/// The bytes of an image or a sound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Media {
    /// The raw bytes; the host encodes them for the wire.
    pub data: Vec<u8>,
    /// For example `image/png` or `audio/wav`.
    pub mime_type: String,
}

/// A result, or a piece of one, that is an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// The raw bytes; the host encodes them for the wire.
    pub data: Vec<u8>,
    /// For example `image/png`.
    pub mime_type: String,
}

impl Image {
    /// An image of that type, for example `image/png`.
    pub fn new(data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
        Self { data: data.into(), mime_type: mime_type.into() }
    }
}

/// A result, or a piece of one, that is a sound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audio {
    /// The raw bytes; the host encodes them for the wire.
    pub data: Vec<u8>,
    /// For example `audio/wav`.
    pub mime_type: String,
}

impl Audio {
    /// A sound of that type, for example `audio/wav`.
    pub fn new(data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
        Self { data: data.into(), mime_type: mime_type.into() }
    }
}

/// A link to a resource: described, not included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceLink {
    /// The resource's URI.
    pub uri: String,
    /// Its name for programs.
    pub name: String,
    /// Its name for people.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// For example `text/plain`.
    pub mime_type: Option<String>,
    /// Size in bytes before any encoding.
    pub size: Option<u64>,
    /// Pictures for it.
    pub icons: Vec<Icon>,
}

impl ResourceLink {
    /// A link; the other fields are public.
    pub fn new(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Self { uri: uri.into(), name: name.into(), ..Self::default() }
    }

    /// The same with a type, for example `text/plain`.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }

    /// The same with a description.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }
}

/// A resource with its content, to be embedded in a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The resource's URI.
    pub uri: String,
    /// For example `text/plain`.
    pub mime_type: Option<String>,
    /// The content.
    pub body: ResourceBody,
    /// `_meta` of the resource.
    pub meta: JsonObject,
}

/// What a resource holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceBody {
    /// Text.
    Text(String),
    /// Bytes; the host encodes them for the wire.
    Blob(Vec<u8>),
}

impl Resource {
    /// A resource that is text.
    pub fn text(uri: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            uri: uri.into(),
            mime_type: None,
            body: ResourceBody::Text(text.into()),
            meta: JsonObject::new(),
        }
    }

    /// A resource that is bytes.
    pub fn blob(uri: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            uri: uri.into(),
            mime_type: None,
            body: ResourceBody::Blob(bytes.into()),
            meta: JsonObject::new(),
        }
    }

    /// The same with a type, for example `text/plain`.
    #[must_use]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = Some(mime_type.into());
        self
    }
}

/// A picture that stands for something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Icon {
    /// An `https:` or `data:` URI.
    pub src: String,
    /// For example `image/png`.
    pub mime_type: Option<String>,
    /// Sizes such as `48x48`, or `any`. Empty: unknown.
    pub sizes: Vec<String>,
    /// `light` or `dark`: the background that it is meant for.
    pub theme: Option<String>,
}

/// Hints about how a piece of content may be used.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotations {
    /// For whom it is. Empty: not said.
    pub audience: Vec<Role>,
    /// From 0 (optional) to 1 (required).
    pub priority: Option<f64>,
    /// ISO 8601 time of the last change.
    pub last_modified: Option<String>,
}

/// Who a piece of content is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The person in front of the client.
    User,
    /// The language model.
    Assistant,
}

impl From<Text> for Content {
    fn from(Text(text): Text) -> Self {
        Self::new(Body::Text(text))
    }
}

impl From<Image> for Content {
    fn from(Image { data, mime_type }: Image) -> Self {
        Self::new(Body::Image(Media { data, mime_type }))
    }
}

impl From<Audio> for Content {
    fn from(Audio { data, mime_type }: Audio) -> Self {
        Self::new(Body::Audio(Media { data, mime_type }))
    }
}

impl From<ResourceLink> for Content {
    fn from(link: ResourceLink) -> Self {
        Self::new(Body::Link(link))
    }
}

impl From<Resource> for Content {
    fn from(resource: Resource) -> Self {
        Self::new(Body::Embedded(resource))
    }
}
