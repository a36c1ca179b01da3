# The image of compose.yaml: GEMS with all that its server can use.
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 MALLOC_ARENA_MAX=2 GEMS_HOME=/data HF_HOME=/data/huggingface
WORKDIR /src
COPY . .
RUN pip install --no-cache-dir --constraint constraints.txt '.[server,postgres,s3]'
RUN useradd --create-home gems && install --directory --owner gems --mode 700 /data
USER gems
WORKDIR /data
VOLUME /data
EXPOSE 2024
CMD ["gems", "serve"]
