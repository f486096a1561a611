# The image that brings podwire to a node: it holds what belongs into the host's /opt/cni/bin. Node.js 26 comes as an npm package.
#   docker build -t podwire .
#   docker run --rm -v /opt/cni/bin:/host podwire
FROM debian:bookworm-slim AS build
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates npm gcc libc6-dev binutils patchelf \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /podwire
COPY package.json package-lock.json .npmrc ./
# The FFI of Node.js 24 is compiled for tests only: install scripts are left out, and esbuild and Node.js need none.
RUN npm ci --ignore-scripts \
  && ln -sf "../node-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')/bin/node" node_modules/.bin/node
COPY scripts scripts
COPY src src
RUN scripts/build

FROM debian:bookworm-slim
COPY --from=build /podwire/dist/ /opt/cni/bin/
# Copied beside and renamed: a plugin that is running at this moment is not written over.
CMD ["/bin/sh", "-euc", "cd /opt/cni/bin; cp -r podwire.d /host/; cp podwire /host/.podwire.new; mv /host/.podwire.new /host/podwire; ln -sfn podwire /host/podwire-ipam"]
