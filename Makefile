# plumbline: a knee-alignment coach for a laptop camera.  `make help` lists the targets.
#
# Every src/<module>/*.c is part of libplumbline.a, every tests/<module>/test_*.c is one test program, every
# tests/<module>/test_*.sh one test script, every tests/fuzz/fuzz_*.c one fuzzer: a new file needs no change here.
# Files named after an instruction set get its flags.  V=1 shows the commands.

VERSION := 0.1.0
comma   := ,
SAN     ?=
B       ?= build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))
PREFIX  ?= /usr/local
DESTDIR ?=
ARGS    ?=
PACKAGE ?=
FUZZ_S  ?= 20
# the folders of src/ and tests/ that are built; a few of them where the libraries of the others are missing
MODULES ?= *

ifeq ($(origin CC),default)
CC := gcc
endif
PKGS    := sdl2 SDL2_ttf libv4l2 libv4lconvert libjpeg libavformat libavcodec libswscale libavutil libcjson inih espeak-ng
OPENCV  := -lopencv_calib3d -lopencv_imgproc -lopencv_core
OPENCV_INC := -isystem /usr/include/opencv4

WARN    := -Wall -Wextra -Werror -Wshadow -Wvla -Wpointer-arith -Wundef -Wformat=2
CWARN   := $(WARN) -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
OPT     ?= -O2 -g
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
DEFS    := -D_GNU_SOURCE -DPL_VERSION='"$(VERSION)"'
CFLAGS   += -std=c11 -ffp-contract=off $(OPT) $(CWARN) $(SANFLAGS) -pthread -Iinclude $(DEFS) $(PKG_CFLAGS)
CXXFLAGS += -std=c++17 -fPIC $(OPT) $(WARN) $(SANFLAGS) -pthread -Iinclude $(DEFS) $(OPENCV_INC)
LINK      = $(CC) $(OPT) $(SANFLAGS) -pthread
LDLIBS   += $(PKG_LIBS) -lm

# pkg-config only when something is compiled: help, deps and clean work on a bare machine
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null))$(PKG_LIBS)

LIB_C   := $(filter-out src/app/main.c,$(wildcard $(MODULES:%=src/%/*.c)))
LIB_O   := $(LIB_C:%.c=$(B)/%.o)
# C++ and OpenCV stay in a library of their own, which src/opencv/load.c loads when a camera is calibrated
OPENCV_CXX := $(wildcard $(MODULES:%=src/%/*.cpp))
OPENCV_O   := $(OPENCV_CXX:%.cpp=$(B)/%.o)
OPENCV_SO  := $(if $(OPENCV_O),$(B)/plumbline-opencv.so)
TESTS   := $(patsubst %.c,$(B)/%,$(wildcard $(MODULES:%=tests/%/test_*.c)))
SCRIPTS := $(wildcard tests/*/test_*.sh)
# ONLY="nn base": just these modules' tests
ONLY    ?=
ALL_TESTS := $(SCRIPTS) $(TESTS)
RUN_TESTS := $(if $(ONLY),$(foreach m,$(ONLY),$(filter $(B)/tests/$(m)/% tests/$(m)/%,$(ALL_TESTS))),$(ALL_TESTS))
FUZZERS := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
# an archive: a test takes of it what it uses, and needs no module that it does not
TEST_HELP_O := $(patsubst %.c,$(B)/%.o,$(wildcard tests/support/*.c))
TEST_HELP   := $(B)/support.a

# Plain `make` uses every core; a -jN of the command line still wins.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --no-print-directory -j$(shell nproc)
endif
Q := $(if $(V),,@)
say = $(if $(V),,@echo "  $(1)")

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all
all: $(B)/plumbline $(OPENCV_SO) ## build build/plumbline (default)

# --- compile and link ------------------------------------------------------------------------------------------------

# elsewhere these files compile to nothing
TARGET = $(eval TARGET := $(shell $(CC) -dumpmachine))$(TARGET)
ISA_avx2   = $(if $(filter x86_64-%,$(TARGET)),-mavx2 -mfma -mf16c)
ISA_avx512 = $(if $(ISA_avx2),-mavx512f -mavx512bw -mavx512dq -mavx512vl $(ISA_avx2))
$(B)/%_avx2.o:   private ISA = $(ISA_avx2)
$(B)/%_avx512.o: private ISA = $(ISA_avx512)
# The fuzzers are after the readers. clang needs minutes for a kernel's unrolled loops under its sanitizers; gcc, whose build
# runs the kernels' own tests, does not.
ifneq ($(findstring fuzz,$(B)$(SAN)),)
$(B)/%_avx2.o $(B)/%_avx512.o: private SANFLAGS :=
endif
# kernels: -O3 for the plain C ones so that the comparison is fair
$(B)/src/nn/%.o: private OPT := -O3 -g

# Written only when they change, so that another CC or OPT builds everything anew and the same ones nothing. What is missing is
# said here, before the compiler stumbles over it.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@.ci/deps.sh --check run || { echo "Install them first: make deps" >&2; exit 1; }
	@echo '$(CC) $(CXX) $(CFLAGS) $(CXXFLAGS)' >$@.new; cmp -s $@ $@.new && rm $@.new || mv $@.new $@
.PHONY: FORCE
# Where an installed program finds its data: known to src/app alone, so that another PREFIX builds only that anew.
APP_O := $(patsubst %.c,$(B)/%.o,$(wildcard src/app/*.c))
$(APP_O): private DEFS += -DPL_DATADIR='"$(PREFIX)/share/plumbline"'
$(APP_O): $(B)/prefix
$(B)/prefix: FORCE
	@mkdir -p $(@D)
	@echo '$(PREFIX)' | cmp -s - $@ || echo '$(PREFIX)' >$@

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC  $<)
	$(Q)$(CC) $(CFLAGS) $(ISA) -MMD -MP -c $< -o $@
$(B)/%.o: %.cpp $(B)/flags
	@mkdir -p $(@D)
	$(call say,CXX $<)
	$(Q)$(CXX) $(CXXFLAGS) -MMD -MP -c $< -o $@
$(B)/libplumbline.a: $(LIB_O)
	$(call say,AR  $@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^
# what the library below uses of ours is the program's
OPENCV_USES := pl_fail pl_lens_invertible
$(B)/plumbline: private LDFLAGS += $(foreach f,$(OPENCV_USES),-Wl,--undefined=$f -Wl,--export-dynamic-symbol=$f)
$(B)/plumbline: $(B)/src/app/main.o $(B)/libplumbline.a
	$(call say,LD  $@)
	$(Q)$(LINK) $^ $(LDFLAGS) $(LDLIBS) -o $@
$(B)/plumbline-opencv.so: $(OPENCV_O)
	$(call say,LD  $@)
	$(Q)$(CXX) $(OPT) $(SANFLAGS) -pthread -shared $^ $(OPENCV) -o $@
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/libplumbline.a
	$(call say,LD  $@)
	$(Q)$(LINK) $^ $(LDFLAGS) $(LDLIBS) -fsanitize=fuzzer -o $@
# tests/bench: two programs, one of them with other engines
BENCH_O := $(patsubst %.c,$(B)/%.o,$(filter-out tests/bench/frame.c,$(wildcard tests/bench/*.c)))
$(B)/tests/bench/bench: $(BENCH_O) $(B)/libplumbline.a
	$(call say,LD  $@)
	$(Q)$(LINK) $^ $(LDFLAGS) -lXNNPACK -lpthreadpool $(LDLIBS) -o $@
$(TEST_HELP): $(TEST_HELP_O)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^
# before the archive, so that its functions are taken and not those that load them
$(B)/tests/opencv/test_%: $(B)/tests/opencv/test_%.o $(OPENCV_O) $(TEST_HELP) $(B)/libplumbline.a
	$(call say,LD  $@)
	$(Q)$(CXX) $(OPT) $(SANFLAGS) -pthread $^ $(LDFLAGS) -lcmocka $(LDLIBS) $(OPENCV) -o $@
$(B)/tests/%: $(B)/tests/%.o $(TEST_HELP) $(B)/libplumbline.a
	$(call say,LD  $@)
	$(Q)$(LINK) $^ $(LDFLAGS) -lcmocka $(LDLIBS) -o $@

# its pictures; nothing of the program draws with cairo
ACCURACY_O := $(patsubst %.c,$(B)/%.o,$(wildcard tests/accuracy/*.c))
$(ACCURACY_O): private PKG_CFLAGS += $(shell pkg-config --cflags cairo 2>/dev/null)
$(B)/tests/accuracy/accuracy: private LDLIBS += $(shell pkg-config --libs cairo 2>/dev/null)
$(B)/tests/accuracy/accuracy: $(ACCURACY_O) $(B)/libplumbline.a
	$(call say,LD  $@)
	$(Q)$(LINK) $^ $(LDFLAGS) $(LDLIBS) -o $@

# a camera that is not there, for scripts that drive the real program: preloaded, without the sanitizers of what it is loaded into
STAND_IN := $(B)/tests/app/stand_in.so
$(STAND_IN): tests/app/stand_in.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,LD  $@)
	$(Q)$(CC) -std=c11 $(OPT) $(CWARN) $(DEFS) -fPIC -shared -pthread $< -ldl -o $@

# every allocation of ours passes through the test that counts them
$(B)/tests/session/test_alloc: private LDLIBS += \
    $(addprefix -Wl$(comma)--wrap=,malloc calloc realloc posix_memalign aligned_alloc)
# this one is the camera and the clock itself
$(B)/tests/session/test_camera_lost: private LDLIBS += $(addprefix -Wl$(comma)--wrap=pl_,clock_now_ns clock_sleep_ns \
    camera_open camera_info camera_counts camera_times camera_next camera_close)

-include $(wildcard $(B)/src/*/*.d $(B)/tests/*/*.d)

# --- set up, run, install --------------------------------------------------------------------------------------------

.PHONY: run deps models install uninstall clean
run: ## install what is missing, fetch the pose networks, build, start: the camera, else a sample (ARGS="live --help")
	@.ci/deps.sh run
	@models/fetch.sh
	@$(MAKE) all
	@$(B)/plumbline $(ARGS)

deps: ## install the Debian packages that building and testing need
	@.ci/deps.sh run models test
	@echo "All packages are there."

models: ## fetch and verify the pose networks (PACKAGE=file.tgz: from a package fetched elsewhere)
	@models/fetch.sh $(if $(PACKAGE),"$(abspath $(PACKAGE))")

BINDIR := $(DESTDIR)$(PREFIX)/bin
LIB    := $(DESTDIR)$(PREFIX)/lib/plumbline
DATA   := $(DESTDIR)$(PREFIX)/share/plumbline
MAN    := $(DESTDIR)$(PREFIX)/share/man/man1
install: all ## install under PREFIX (default /usr/local; DESTDIR for packagers): program, networks, samples, man page
	@models/fetch.sh
	install -d "$(BINDIR)" "$(LIB)" "$(DATA)/models" "$(DATA)/samples" "$(DATA)/languages" "$(DATA)/calibration" "$(MAN)"
	install -m 755 $(B)/plumbline "$(BINDIR)/plumbline"
	install -m 644 $(B)/plumbline-opencv.so "$(LIB)/plumbline-opencv.so"
	install -m 644 models/*.tflite models/*.bin models/*.md "$(DATA)/models"
	install -m 644 $(wildcard samples/*.mp4 samples/*.csv samples/*.json) "$(DATA)/samples"
	install -m 644 src/cues/languages/*.ini "$(DATA)/languages"
	install -m 644 calibration/* "$(DATA)/calibration"
	install -m 644 src/app/plumbline.1 "$(MAN)/plumbline.1"

uninstall: ## remove what install put there
	rm -f "$(BINDIR)/plumbline" "$(MAN)/plumbline.1"
	rm -rf "$(DATA)" "$(LIB)"

clean: ## remove build/
	rm -rf build

# --- test and measure ------------------------------------------------------------------------------------------------

.PHONY: test-long camera-rig
.PHONY: test check test-programs test-clips accuracy bands test-aarch64 test-processors lint bench bench-frame fuzz fuzzers print-pkg-cflags help
test: ## install what is missing, fetch the networks, build, run every test
	@.ci/deps.sh run models test
	@models/fetch.sh
	@$(MAKE) check

check: ## every test, nothing installed (SAN=address,undefined or thread: built with that; ONLY="nn base": these modules)
	@$(MAKE) $(if $(ONLY),,all) test-programs
	@B=$(B) tests/run.sh $(RUN_TESTS)

test-programs: $(filter $(B)/%,$(RUN_TESTS)) $(if $(filter tests/accuracy/%,$(RUN_TESTS)),$(B)/tests/accuracy/accuracy) \
    $(if $(filter tests/app/%,$(RUN_TESTS)),$(STAND_IN) $(B)/tests/app/board)
	@:

test-clips: all ## repetitions and faults on the clips of ../shared, as a table
	@B=$(B) tests/clips/run.sh

accuracy: all $(B)/tests/accuracy/accuracy ## errors, bands and faults against exact truth: tables, and pictures in build/accuracy
	@B=$(B) tests/accuracy/run.sh

bands: all $(B)/tests/accuracy/accuracy ## how wide the error bands must be, by what they depend on (ARGS="more folders of clips")
	@B=$(B) tests/accuracy/run.sh --bands $(ARGS)

test-long: $(B)/tests/session/test_camera_lost ## a simulated day of live work: memory stays flat (3 minutes on an idle machine)
	@PL_LONG=1 $<

camera-rig: all ## the camera code against the real webcam driver, in an emulated computer (tests/camera-rig/README.md)
	@B=$(B) tests/camera-rig/run.sh $(ARGS)

test-aarch64: ## tests of base, nn and keypoints for 64-bit ARM, in an emulator
	@tests/aarch64/run.sh

test-processors: ## tests of kernels on emulated processors that lack AVX-512, or AVX2 as well
	@tests/processors/run.sh

lint: ## include levels, headers, exported names, layout, both compilers, clang-tidy
	@.ci/deps.sh run test lint
	@B=$(B) tests/lint/run.sh

bench: ## our networks against XNNPACK and ONNX Runtime by turns, as a table (ARGS="--networks full --threads 1")
	@.ci/deps.sh run bench
	@models/fetch.sh
	@$(MAKE) $(B)/tests/bench/bench
	@B=$(B) tests/bench/run.sh $(ARGS)

bench-frame: ## where a whole frame's time goes, from MJPEG to the drawn overlay (ARGS="CLIP [MODEL [THREADS]]")
	@$(MAKE) $(B)/tests/bench/frame
	@$(B)/tests/bench/frame $(or $(ARGS),samples/sls_front_collapse_L.mp4)

fuzz: ## each fuzzer for FUZZ_S seconds
	@.ci/deps.sh run fuzz
	@$(MAKE) CC=clang CXX=clang++ SAN=fuzzer-no-link,address,undefined B=build/fuzz OPT="-O1 -g" fuzzers
	@B=build/fuzz FUZZ_S=$(FUZZ_S) tests/fuzz/run.sh

fuzzers: $(FUZZERS)
print-pkg-cflags: # for lint
	@echo $(PKG_CFLAGS)

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
