# podwire as an image of nothing but the executable and the libraries that it is linked to. Node.js 26 comes as an npm package.
#   docker build -t podwire:0.1.0 .
FROM debian:bookworm-slim AS build
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates npm gcc libc6-dev binutils patchelf libstdc++6 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /podwire
COPY package.json package-lock.json .npmrc ./
# The FFI of Node.js 24 is compiled for tests only: install scripts are left out, and esbuild and Node.js need none.
RUN npm ci --ignore-scripts \
  && ln -sf "../node-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')/bin/node" node_modules/.bin/node
COPY scripts scripts
COPY src src
RUN scripts/build && scripts/image-root dist /image

FROM scratch
COPY --from=build /image/ /
ENV PATH=/opt/podwire
ENTRYPOINT ["/opt/podwire/podwire"]
