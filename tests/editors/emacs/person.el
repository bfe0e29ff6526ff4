;;; person.el --- A person at Emacs  -*- lexical-binding: t; -*-

;; Waits until something is true, looks, chooses, and answers what the server asks.
;; What was seen goes to the file $SEEN as JSON.

(require 'cl-lib)
(require 'json)
(package-initialize)
(require 'ml-architect-eglot)

(defconst person-patience 60)
(defvar person-seen nil "What was seen, as an alist.")
(defvar person-told nil "What the server told, newest first.")
(defvar person-asked nil "What the server asked, newest first, as (MESSAGE . CHOICES).")
(defvar person-answer nil "Function that returns the answer to the next question of the server.")
(defvar person-wanted nil "What the title of the wanted action matches.")

(setq eglot-sync-connect person-patience
      eglot-connect-timeout person-patience
      eglot-send-changes-idle-time 0
      create-lockfiles nil
      make-backup-files nil)

(defun person-see (name value)
  "Remember VALUE under NAME."
  (push (cons name value) person-seen))

(defun person-leave (code &optional reason)
  "Leave Emacs with CODE, and REASON for it."
  (when reason (person-see 'failure reason))
  (ignore-errors
    (when (eglot-current-server) (eglot-shutdown (eglot-current-server) nil person-patience)))
  (with-temp-file (getenv "SEEN")
    (set-buffer-file-coding-system 'utf-8-unix)
    (insert (json-encode person-seen)))
  (kill-emacs code))

(defun person-work ()
  "Let Emacs do for a moment what it does while nobody types.
A batch Emacs has no commands, after which eglot and flymake would do their work, and sees changes of files only while it reads."
  (accept-process-output nil 0.02)
  (read-event nil nil 0.01)
  (when (eglot-managed-p)
    (eglot--signal-textDocument/didChange)))

(defun person-await (what condition)
  "Wait until CONDITION is true, which WHAT describes."
  (let ((limit (+ (float-time) person-patience)))
    (while (not (funcall condition))
      (when (> (float-time) limit)
        (person-leave 1 (format "waited in vain for %s: %S" what
                                (list (mapcar #'flymake-diagnostic-text (flymake-diagnostics))
                                      person-told (person-text)))))
      (person-work))))

(defvar person-nudged 0 "When `person-nudge' last asked the server for something.")

(defun person-nudge ()
  "Have the server say something now and then.
The jsonrpc of Emacs 28 leaves its filter by a throw when an answer comes, and reads what came with it, such as a question to the
user, only when there is more."
  (when (> (- (float-time) person-nudged) 1)
    (setq person-nudged (float-time))
    (jsonrpc-async-request (eglot-current-server) :textDocument/hover (eglot--TextDocumentPositionParams)
                           :success-fn #'ignore :error-fn #'ignore :timeout-fn #'ignore)))

(defun person-text ()
  "Return the text of the buffer."
  (buffer-substring-no-properties (point-min) (point-max)))

(defun person-findings (code)
  "Return the places of the findings of CODE as (START . END), in their order."
  (let (places)
    (dolist (found (flymake-diagnostics))
      (when (string-search code (flymake-diagnostic-text found))
        (push (cons (flymake-diagnostic-beg found) (flymake-diagnostic-end found)) places)))
    (sort places (lambda (one other) (< (car one) (car other))))))

(defun person-await-findings (what code count)
  "Wait until there are COUNT findings of CODE, because of WHAT."
  (person-await what (lambda () (= (length (person-findings code)) count))))

(defun person-open (name)
  "Open the file NAME with the server that users get from our snippet."
  (switch-to-buffer (find-file-noselect name))
  (python-mode)
  (buffer-enable-undo)
  (call-interactively #'eglot)
  (person-await "the server" #'eglot-managed-p))

(defun person-hover ()
  "Return what the server says at point."
  (eglot--signal-textDocument/didChange)
  (let ((hover (jsonrpc-request (eglot-current-server) :textDocument/hover (eglot--TextDocumentPositionParams))))
    (and hover (substring-no-properties (eglot--hover-info (plist-get hover :contents))))))

(defun person-choose (wanted &optional kind)
  "Choose the action at point whose title WANTED matches; return the titles of all of KIND that were offered."
  (eglot--signal-textDocument/didChange)
  (undo-boundary)
  (let* ((person-wanted wanted)
         (actions (eglot-code-actions (point) nil kind))
         (titles (mapcar (lambda (action) (plist-get action :title)) actions))
         (last-nonmenu-event t)) ; as if chosen from the keyboard
    (unless actions
      (person-leave 1 (format "no %s at %d in %S" kind (point) (person-text))))
    (eglot--read-execute-code-action actions (eglot-current-server) kind)
    (undo-boundary)
    (vconcat titles)))

(defun person-undo ()
  "Take the last change back."
  (undo-boundary)
  (setq last-command nil)
  (undo)
  (undo-boundary))

(advice-add 'completing-read :override
            (lambda (question choices &rest _)
              (if (string-search "Server reports" question)
                  (progn
                    (push (cons (substring-no-properties question) choices) person-asked)
                    (funcall person-answer))
                (or (seq-find (lambda (title) (string-match-p person-wanted title)) (mapcar #'car choices))
                    (person-leave 1 (format "nothing fits %s in %S" person-wanted choices))))))

(advice-add 'y-or-n-p :override #'always)

(advice-add 'eglot-handle-notification :before
            (lambda (_ method &rest params)
              (when (eq method 'window/showMessage)
                (push (plist-get params :message) person-told))))

(provide 'person)
;;; person.el ends here
