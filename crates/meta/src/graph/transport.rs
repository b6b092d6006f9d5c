//! How requests travel: over HTTP, unless something takes the network's place.

use std::pin::Pin;

use reqwest::{Request, RequestBuilder, Response};

use super::GraphError;

/// An answer on its way.
pub type Carried<'a> = Pin<Box<dyn Future<Output = Result<Response, GraphError>> + Send + 'a>>;

/// What takes the network's place, such as a simulation that decides which requests and answers are lost.
pub trait Transport: std::fmt::Debug + Send + Sync {
    /// Carries a request there and its answer back. [`GraphError::Unreachable`] says that nothing was sent,
    /// [`GraphError::Unknown`] that nobody can tell.
    fn carry(&self, request: Request) -> Carried<'_>;
}

/// Carries a request.
pub(super) async fn carry(
    transport: Option<&dyn Transport>,
    request: RequestBuilder,
) -> Result<Response, GraphError> {
    let failed = |error: reqwest::Error| GraphError::of_transport(&error);
    match transport {
        None => request.send().await.map_err(failed),
        Some(transport) => transport.carry(request.build().map_err(failed)?).await,
    }
}
