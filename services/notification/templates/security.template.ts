/** Sent about the security of an account. A link is asked for when the message is sent, and is in no event. */
import type { Template } from "../notification.model.ts";

const sample = {
  userId: "01980000-0000-7000-8000-000000000003",
  mailId: "01980000-0000-7000-8000-000000000007",
};

export const verification: Template<"user.verification_requested"> = {
  event: "user.verification_requested",
  isSecurity: true,
  sample,
  copy: {
    en: () => ({
      subject: "Please confirm your e-mail address",
      summary: "Somebody gave this e-mail address for an account. Confirm it with the link in the e-mail.",
      paragraphs: [
        "Please confirm that this e-mail address is yours. This is possible for 24 hours.",
        "If you have no account with us and did not ask for one, you need not do anything: without your confirmation, nothing more is sent to this address.",
      ],
      when: "Asked on",
      rows: [],
      link: "Confirm the address",
    }),
    ko: () => ({
      subject: "이메일 주소를 인증해 주세요",
      summary: "계정에 이 이메일 주소가 등록되었습니다. 이메일에 있는 링크로 인증해 주세요.",
      paragraphs: [
        "본인의 이메일 주소가 맞는지 확인해 주세요. 링크는 24시간 동안 사용할 수 있습니다.",
        "가입하신 적이 없다면 아무것도 하지 않으셔도 됩니다. 인증하지 않은 주소로는 더 이상 메일을 보내지 않습니다.",
      ],
      when: "요청 일시",
      rows: [],
      link: "이메일 주소 인증하기",
    }),
  },
};

export const emailChanged: Template<"user.email_changed"> = {
  event: "user.email_changed",
  isSecurity: true,
  sample,
  copy: {
    en: () => ({
      subject: "The e-mail address of your account was changed",
      summary: "Your account has another e-mail address now. Messages go there from now on.",
      paragraphs: [
        "Your account has another e-mail address now, and you sign in with that. Messages go there from now on.",
        "If you did not do that, somebody else has access to your account: please write to us at once.",
      ],
      when: "Changed on",
      rows: [],
    }),
    ko: () => ({
      subject: "계정의 이메일 주소가 변경되었습니다",
      summary: "계정의 이메일 주소가 변경되어, 앞으로는 새 주소로 안내해 드립니다.",
      paragraphs: [
        "계정의 이메일 주소가 변경되었습니다. 이제 새 주소로 로그인하시면 되며, 앞으로의 안내도 새 주소로 보내 드립니다.",
        "직접 변경하지 않으셨다면 다른 사람이 계정에 접근한 것일 수 있으니 즉시 문의해 주세요.",
      ],
      when: "변경 일시",
      rows: [],
    }),
  },
};

export const passwordReset: Template<"user.password_reset_requested"> = {
  event: "user.password_reset_requested",
  isSecurity: true,
  sample,
  copy: {
    en: () => ({
      subject: "Set a new password",
      summary: "Somebody asked for a new password. Set it with the link in the e-mail.",
      paragraphs: [
        "You can set a new password with this link for 30 minutes. It ends all your sessions, so that you sign in again everywhere.",
        "If you did not ask for that, you need not do anything: your password stays what it is.",
      ],
      when: "Asked on",
      rows: [],
      link: "Set a new password",
    }),
    ko: () => ({
      subject: "새 비밀번호를 설정해 주세요",
      summary: "비밀번호 재설정이 요청되었습니다. 이메일에 있는 링크로 새 비밀번호를 설정해 주세요.",
      paragraphs: [
        "아래 링크에서 30분 안에 새 비밀번호를 설정하실 수 있습니다. 설정하시면 모든 기기에서 로그아웃되므로 다시 로그인해 주세요.",
        "요청하지 않으셨다면 아무것도 하지 않으셔도 됩니다. 비밀번호는 그대로 유지됩니다.",
      ],
      when: "요청 일시",
      rows: [],
      link: "새 비밀번호 설정하기",
    }),
  },
};

export const passwordChanged: Template<"user.password_changed"> = {
  event: "user.password_changed",
  isSecurity: true,
  sample: { userId: sample.userId },
  copy: {
    en: () => ({
      subject: "Your password was changed",
      summary: "The password of your account was changed.",
      paragraphs: [
        "The password of your account was changed, and you are signed out on your other devices.",
        "If you did not do that, set a new password at once, and check on which devices you are signed in.",
      ],
      when: "Changed on",
      rows: [],
    }),
    ko: () => ({
      subject: "비밀번호가 변경되었습니다",
      summary: "계정의 비밀번호가 변경되었습니다.",
      paragraphs: [
        "계정의 비밀번호가 변경되었으며, 다른 기기에서는 로그아웃되었습니다.",
        "직접 변경하지 않으셨다면 즉시 비밀번호를 다시 설정하고, 로그인된 기기를 확인해 주세요.",
      ],
      when: "변경 일시",
      rows: [],
    }),
  },
};

export const signInNoticed: Template<"user.sign_in_noticed"> = {
  event: "user.sign_in_noticed",
  isSecurity: true,
  sample,
  copy: {
    en: () => ({
      subject: "New sign-in to your account",
      summary: "Somebody signed in to your account with a device, or from a network, that we had not seen before.",
      paragraphs: [
        "Somebody signed in to your account with a device, or from a network, that we had not seen before.",
        "If that was you, there is nothing to do. If not, change your password at once, which signs out all other devices.",
      ],
      when: "Signed in on",
      rows: [],
      hasOrigin: true,
    }),
    ko: () => ({
      subject: "새로운 환경에서 로그인되었습니다",
      summary: "처음 보는 기기나 네트워크에서 계정에 로그인했습니다.",
      paragraphs: [
        "처음 보는 기기나 네트워크에서 계정에 로그인했습니다.",
        "본인이라면 별도로 하실 일은 없습니다. 본인이 아니라면 즉시 비밀번호를 변경해 주세요. 다른 기기에서는 모두 로그아웃됩니다.",
      ],
      when: "로그인 일시",
      rows: [],
      hasOrigin: true,
    }),
  },
};

const changes = {
  enabled: {
    en: "Two-step sign-in is on: besides the password, a code of your app is needed from now on.",
    ko: "2단계 인증이 설정되었습니다. 이제 로그인할 때 비밀번호와 함께 인증 앱의 코드가 필요합니다.",
  },
  disabled: {
    en: "Two-step sign-in is off: the password is enough from now on.",
    ko: "2단계 인증이 해제되었습니다. 이제 비밀번호만으로 로그인하실 수 있습니다.",
  },
  withdrawn: {
    en: "An administrator switched two-step sign-in off for your account. The password is enough from now on.",
    ko: "관리자가 계정의 2단계 인증을 해제했습니다. 이제 비밀번호만으로 로그인하실 수 있습니다.",
  },
  codes_renewed: {
    en: "There are new recovery codes for your account. The ones before are good no more.",
    ko: "계정의 복구 코드가 새로 발급되어, 이전 코드는 더 이상 사용할 수 없습니다.",
  },
  code_used: {
    en: "Somebody signed in to your account with a recovery code. That code is good no more.",
    ko: "복구 코드로 계정에 로그인했습니다. 사용한 코드는 더 이상 사용할 수 없습니다.",
  },
} as const;

export const secondFactorChanged: Template<"user.second_factor_changed"> = {
  event: "user.second_factor_changed",
  isSecurity: true,
  sample: { userId: sample.userId, change: "enabled" },
  copy: {
    en: ({ change }) => ({
      subject: "Two-step sign-in of your account",
      summary: changes[change].en,
      paragraphs: [
        changes[change].en,
        "If you did not do or ask for that, set a new password at once, and write to us.",
      ],
      when: "Happened on",
      rows: [],
    }),
    ko: ({ change }) => ({
      subject: "계정의 2단계 인증 안내",
      summary: changes[change].ko,
      paragraphs: [
        changes[change].ko,
        "직접 하거나 요청하신 일이 아니라면 즉시 비밀번호를 다시 설정하고 문의해 주세요.",
      ],
      when: "처리 일시",
      rows: [],
    }),
  },
};
